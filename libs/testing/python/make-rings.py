"""Makes Swift's three rings of one device and one replica: make-rings.py FOLDER ACCOUNT_PORT CONTAINER_PORT OBJECT_PORT"""
import sys

from swift.common.ring import RingBuilder

folder, *ports = sys.argv[1:5]
for kind, port in zip(('account', 'container', 'object'), ports):
    # 64 partitions, one replica, and no minimum of hours between changes.
    builder = RingBuilder(6, 1, 0)
    builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port),
                     'replication_ip': '127.0.0.1', 'replication_port': int(port),
                     'device': 'd1', 'weight': 1, 'meta': ''})
    builder.rebalance()
    builder.get_ring().save(f'{folder}/{kind}.ring.gz')
