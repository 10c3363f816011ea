// The door of every npm script. It must be readable for old versions of Node, which are told what is wrong: what follows needs Node 20.
const [major] = process.versions.node.split('.');
if (Number(major) < 20) {
  console.error(
    `longshore: this is Node ${process.versions.node}. Install Node 20 or later (https://nodejs.org), then start again.`,
  );
  process.exit(1);
} else {
  void import('./run/main.mjs');
}
