import { runToEnd } from '../results/run-to-end.ts';

/** How to get each program that is called. */
const advice = {
  buildah: 'the images are built by buildah: apt-get install buildah',
  docker: 'Docker is needed to load the images, or --layout DIRECTORY',
};

/** @returns what it printed @throws Error with what it printed, when it fails, or with how to get it */
export async function call(program: keyof typeof advice, words: readonly string[]): Promise<string> {
  const { code, output } = await runToEnd(program, words, { output: 'collect' }).catch((error: unknown) => {
    throw new Error(advice[program], { cause: error });
  });
  if (code !== 0)
    throw new Error(`${program} ${words[0] ?? ''} failed (${advice[program]}):\n${output.trim()}`);
  return output;
}
