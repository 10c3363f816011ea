"""Serves one part of OpenStack Swift, with swift.conf from a folder of ours.

Usage: serve-swift.py FOLDER proxy|account|container|object CONFIGURATION

Swift's own programs read /etc/swift/swift.conf whatever swift_dir says. set_swift_dir changes that; it must come
before the imports that copy the constraints.
"""
import sys

from swift.common import utils

folder, kind, configuration = sys.argv[1:4]
utils.set_swift_dir(folder)
from swift.common import constraints  # noqa: E402

constraints.reload_constraints()
from swift.common.wsgi import run_wsgi  # noqa: E402

extra = {}
if kind == 'object':
    from swift.obj import server  # noqa: E402
    extra['global_conf_callback'] = server.global_conf_callback
# verbose: the log goes to stderr, where there may be no syslog.
sys.exit(run_wsgi(configuration, kind + '-server', verbose=True, **extra))
