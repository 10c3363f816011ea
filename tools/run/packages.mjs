// What package-lock.json says of the packages. Those that only some configurations or hosts need are peer dependencies of the project that uses them:
// the SDKs of storage drivers, that of traces, and Node itself.

/** Sets of packages, each of which holds the one before, with npm's options that leave out the rest. A service image holds `production`. */
export const sets = {
  running: ['--omit=dev', '--omit=peer'],
  production: ['--omit=dev'],
  all: [],
};
const order = Object.keys(sets);

export function holds(set, other) {
  return order.indexOf(set) >= order.indexOf(other);
}

/** Returns the folders of the packages of a set, and of those that are named besides. Leaves out optional ones: they may be for other systems. */
export function foldersOf(packages, set, named) {
  const isLeftOut = ({ link, optional, dev, devOptional, peer }) =>
    link || optional || (set !== 'all' && (dev || devOptional)) || (set === 'running' && peer);
  const folders = Object.entries(packages).filter(
    ([path, entry]) => path.includes('node_modules/') && !isLeftOut(entry),
  );
  return [
    ...new Set([
      ...folders.map(([path]) => path),
      ...closure(
        packages,
        named.map((name) => `node_modules/${name}`),
      ),
    ]),
  ];
}

/** Returns the folders, and those of everything that the packages in them need. */
function closure(packages, folders) {
  const found = new Set(folders);
  for (const folder of found) {
    const { dependencies, peerDependencies, peerDependenciesMeta = {} } = packages[folder] ?? {};
    const needed = Object.keys({ ...dependencies, ...peerDependencies }).filter(
      (name) => !peerDependenciesMeta[name]?.optional,
    );
    for (const name of needed) {
      const path = resolved(packages, folder, name);
      if (path !== undefined && !packages[path].optional) found.add(path);
    }
  }
  return found;
}

/** Finds a package as Node does: in the nearest node_modules. */
function resolved(packages, folder, name) {
  for (let at = folder; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    if (packages[`${at}/node_modules/${name}`] !== undefined) return `${at}/node_modules/${name}`;
    if (!at.includes('/node_modules/')) break;
  }
  return packages[`node_modules/${name}`] === undefined ? undefined : `node_modules/${name}`;
}

/** Returns the names of the packages that a project with this one needs only sometimes: all are installed together. */
export function partWith(packages, name) {
  // Projects of tests write `*`, for the version of the project that uses the package.
  const project = Object.entries(packages).find(
    ([path, { peerDependencies = {} }]) =>
      !path.includes('node_modules/') && (peerDependencies[name] ?? '*') !== '*',
  );
  return project === undefined ? [] : Object.keys(project[1].peerDependencies);
}

/** Returns the package of Node, if the registry needs a later one than this. */
export function runtimeFor(packages, version) {
  const wanted = packages['node_modules/node']?.version;
  return wanted === undefined || major(version) >= major(wanted) ? [] : ['node'];
}

function major(version) {
  return Number(version.split('.')[0]);
}
