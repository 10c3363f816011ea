import { userInfo } from 'node:os';

export interface SwiftPorts {
  readonly object: number;
  readonly container: number;
  readonly account: number;
  readonly memcached: number;
  readonly proxy: number;
}

/** The middleware that authenticates requests: its names in the pipeline, and its sections. */
export interface SwiftAuth {
  readonly pipeline: string;
  readonly sections: string;
}

/** In the order of make-rings.py's arguments. */
export const backends = ['account', 'container', 'object'] as const;

export const swiftConfiguration = `[swift-hash]
swift_hash_path_prefix = longshore
swift_hash_path_suffix = longshore
[storage-policy:0]
name = Policy-0
default = yes
`;

export function backendConfiguration(home: string, kind: string, port: number): string {
  return `${common(home, port)}
devices = ${home}/devices
mount_check = false
[pipeline:main]
pipeline = healthcheck ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
[filter:healthcheck]
use = egg:swift#healthcheck
`;
}

export function proxyConfiguration(home: string, ports: SwiftPorts, auth: SwiftAuth): string {
  const plain = ['catch_errors', 'gatekeeper', 'healthcheck', 'listing_formats', 'bulk', 'tempurl', 'copy'];
  const sections = [...plain, 'slo', 'dlo'].map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`);
  // The order matters: tempurl before the authentication, slo and dlo after it.
  return `${common(home, ports.proxy)}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk tempurl ${auth.pipeline} copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${ports.memcached}
${sections.join('')}${auth.sections}`;
}

/** Returns the common settings: one process each, and no reserved disk space, of which a test machine may have little. */
function common(home: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${home}
workers = 0
log_level = INFO
log_address = ${home}/no-syslog
fallocate_reserve = 0
disable_fallocate = true`;
}
