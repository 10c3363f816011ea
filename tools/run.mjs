// The entry of every npm script. Old versions of Node must be able to parse it, so that it can report them: the rest needs Node 20.
const [major] = process.versions.node.split('.');
if (Number(major) < 20) {
  console.error(
    `longshore: this is Node ${process.versions.node}. Install Node 20 or later (https://nodejs.org), then start again.`,
  );
  process.exit(1);
} else {
  void import('./run/main.mjs');
}
