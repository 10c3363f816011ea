"""Serves OpenStack Keystone on a port of the loopback, one request at a time: serve-keystone.py PORT

OS_KEYSTONE_CONFIG_FILES names its configuration.
"""
import sys
from wsgiref.simple_server import make_server

from keystone.server.flask import core

port = int(sys.argv[1])
del sys.argv[1:]  # oslo.config would read them
application = core.initialize_application(name='public', config_files=core._get_config_files())
make_server('127.0.0.1', port, application).serve_forever()
