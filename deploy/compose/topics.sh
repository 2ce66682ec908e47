#!/bin/bash
# Creates the topics that TOPICS names (name:partitions ...), once; never alters one.
# A topic that exists with another partition count is left alone: the platform refuses to boot on it.
set -euo pipefail
for topic in $TOPICS; do
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists \
    --topic "${topic%:*}" --partitions "${topic#*:}" --replication-factor 1 \
    --config retention.ms=-1 --config cleanup.policy=delete --config min.insync.replicas=1
done
