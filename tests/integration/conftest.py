import uuid
import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from pathlib import Path


@pytest.fixture
def kafka_topic():
    servers = Path("/tmp/kf/servers").read_text()
    a = KafkaAdminClient(bootstrap_servers=servers)
    name = f"t-{uuid.uuid4().hex}"
    a.create_topics([NewTopic(name, 1, 1)])
    a.wait_for_topics([name])
    a.close()
    return servers, name
