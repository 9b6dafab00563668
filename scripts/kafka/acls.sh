#!/usr/bin/env bash
# Gives the least rights that a ledger's parts need on a cluster with an authorizer, and no more.
#
#   scripts/kafka/acls.sh PREFIX --bootstrap-server HOST:PORT [--command-config FILE] \
#       [--operator USER] [--node USER] [--subscriber USER]        (each may come again)
#
# operator    makes and checks the topics: attribution topics create, check
# node        decides, relays and publishes: writes and reads all of the ledger's topics, PREFIX.keys too
# subscriber  reads what is for everybody: PREFIX.events and PREFIX.holders. Never chain or keys.
#
# Nobody is given the right to delete a topic or its records: such rights stand nowhere in here, and
# whoever gave them elsewhere should take them back. Needs kafka-acls.sh of Apache Kafka, or its
# path in $KAFKA_ACLS. Printed before each is run; DRY_RUN=1 only prints.
set -euo pipefail

usage() {
    sed -n '2,/^set -euo/p' "$0" | sed '$d; s/^# \{0,1\}//'
    exit 2
}

[[ $# -ge 1 && $1 != -* ]] || usage
prefix=$1
shift
tool=${KAFKA_ACLS:-kafka-acls.sh}
connection=()
parts=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --bootstrap-server | --command-config) connection+=("$1" "${2:?}") ;;
        --operator | --node | --subscriber) parts+=("${1#--}" "${2:?}") ;;
        *) usage ;;
    esac
    shift 2
done
[[ ${#connection[@]} -gt 0 && ${#parts[@]} -gt 0 ]] || usage

allow() { # USER, then what kafka-acls.sh calls operations and resources
    local user=$1
    shift
    local words=("$tool" "${connection[@]}" --add --force --allow-principal "User:$user" "$@")
    printf '%s\n' "${words[*]}"
    [[ -n ${DRY_RUN:-} ]] || "${words[@]}" >/dev/null
}

all=(--topic "$prefix." --resource-pattern-type prefixed)
set -- "${parts[@]}"
while [[ $# -gt 0 ]]; do
    case $1 in
        operator)
            allow "$2" --operation Create --operation Describe --operation DescribeConfigs "${all[@]}"
            allow "$2" --operation Describe --cluster
            ;;
        node)
            allow "$2" --operation Read --operation Write --operation Describe \
                --operation DescribeConfigs "${all[@]}"
            allow "$2" --operation Describe --cluster
            ;;
        subscriber)
            allow "$2" --operation Read --operation Describe \
                --topic "$prefix.events" --topic "$prefix.holders"
            ;;
    esac
    shift 2
done
