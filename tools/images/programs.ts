import { runToEnd } from '../results/run-to-end.ts';

/** Advice on how to install each program. */
const advice = {
  buildah: 'the images are built by buildah: apt-get install buildah',
  docker: 'Docker is needed to load the images, or --layout DIRECTORY',
  oras: 'SBOMs are attached by oras: go install oras.land/oras/cmd/oras@v1.3.6',
  cosign: 'signatures are made by cosign: go install github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3',
  helm: 'the chart is pushed by helm: go install helm.sh/helm/v4/cmd/helm@v4.3.1',
};

/** @returns its output @throws Error with its output if it fails, or with advice if it is missing */
export async function call(
  program: keyof typeof advice,
  words: readonly string[],
  { folder }: { readonly folder?: string } = {},
): Promise<string> {
  const where = folder === undefined ? {} : { folder };
  const { code, output } = await runToEnd(program, words, { output: 'collect', ...where }).catch(
    (error: unknown) => {
      throw new Error(advice[program], { cause: error });
    },
  );
  if (code !== 0)
    throw new Error(`${program} ${words[0] ?? ''} failed (${advice[program]}):\n${output.trim()}`);
  return output;
}
