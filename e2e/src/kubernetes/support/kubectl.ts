import { type CommandOptions, run } from '../../support/command.ts';

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly imageID: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
}

interface ContainerState {
  readonly terminated?: { readonly exitCode: number; readonly message?: string };
  readonly waiting?: { readonly reason: string };
}

export function kubectl(words: readonly string[], options: CommandOptions = {}): Promise<string> {
  return run('kubectl', words, options);
}

/** Creates or changes objects; JSON is YAML. */
export async function apply(namespace: string, ...objects: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(['apply', '--namespace', namespace, '--filename', '-'], { input: JSON.stringify(list) });
}

export async function listed<T>(namespace: string, kind: string, selector = ''): Promise<readonly T[]> {
  const answer = await kubectl([
    'get',
    kind,
    '--namespace',
    namespace,
    '--selector',
    selector,
    '--output=json',
  ]);
  const { items }: { items: T[] } = JSON.parse(answer);
  return items;
}

/** Lists the pods of one of the chart's components, or of all. Omits those that are terminating. */
export async function pods(namespace: string, component?: string): Promise<readonly Pod[]> {
  const selector = component === undefined ? '' : `app.kubernetes.io/component=${component}`;
  const found = await listed<Pod>(namespace, 'pods', selector);
  return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false;
}

/** Runs JavaScript in a pod of one of our images, which have Node and no shell. */
export function evaluateIn(namespace: string, pod: string, script: string): Promise<string> {
  return kubectl(['exec', '--namespace', namespace, pod, '--', '/usr/local/bin/node', '--eval', script]);
}
