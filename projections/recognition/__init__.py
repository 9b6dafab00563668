"""Recognition: for whose score an association counts, once it is known who holds it (DESIGN §6).

Pure functions over rows and a table of what counts where; nothing here decides who holds what, and
nothing decides what is paid.
"""
