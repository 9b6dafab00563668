"""What associations earn under incentive programmes: eligibility, marks, milestones, caps, lines.

Association, recognition and earning are three answers (DESIGN §6). Who holds is decided elsewhere;
here dated data files and small pure functions say what that earns, and why where it earns nothing.
"""
