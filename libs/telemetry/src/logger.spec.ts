import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerConfig } from './logger.ts';

function capture(config: LoggerConfig = {}) {
  const lines: string[] = [];
  return { lines, log: createLogger(config, { write: (line) => void lines.push(line) }) };
}

/** Characters that a terminal or a viewer interprets. */
const acting = 'a\u001b[2J\u007f\u0085\u009b31m\u2028\u202e\u2066b';

describe('createLogger', () => {
  it('writes one JSON object per line with level by name, time, service and static fields', () => {
    const { log, lines } = capture({ service: 'notifier', fields: { zone: 'a' } });
    log.info({ digest: 'sha256:1' }, 'blob committed');
    expect(lines).toHaveLength(1);
    const line: unknown = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({
      level: 'info',
      service: 'notifier',
      zone: 'a',
      digest: 'sha256:1',
      msg: 'blob committed',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it.each(['json', 'text'] as const)('writes no control character as it is, in %s', (formatter) => {
    const { log, lines } = capture({ formatter });
    log.info({ agent: acting }, acting);
    const [line = ''] = lines;
    expect(line).toContain(String.raw`\u009b31m`);
    for (const character of ['\u001b', '\u007f', '\u0085', '\u009b', '\u2028', '\u202e', '\u2066'])
      expect(line).not.toContain(character);
  });

  it('keeps the text for a JSON parser', () => {
    const { log, lines } = capture();
    log.info({ agent: acting }, acting);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ agent: acting, msg: acting });
  });

  it('writes text lines when asked', () => {
    const { log, lines } = capture({ formatter: 'text' });
    log.warn({ bytes: 12, path: 'a b' }, 'slow disk');
    expect(lines[0]).toMatch(/^time=\S+ level=warn msg="slow disk" bytes=12 path="a b"\n$/);
  });

  it('tells of an error in a short text: what it says with its cause, its code, and where it was made', () => {
    const { log, lines } = capture({ formatter: 'text' });
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('no database', { cause }), { code: 'UNAVAILABLE' });
    log.error({ err: error }, 'not relayed');
    expect(lines[0]).toMatch(
      /level=error msg="not relayed" err="Error: no database: Error: connect ECONNREFUSED 127.0.0.1:5432" err.code=UNAVAILABLE err.at=libs\/telemetry\/src\/logger.spec.ts:\d+:\d+\n$/,
    );
  });

  it('includes the stack of a defect', () => {
    const { log, lines } = capture({ formatter: 'text' });
    log.error({ err: new TypeError('x is not a function') }, 'oops');
    expect(lines[0]).toMatch(
      /err="TypeError: x is not a function" err.stack="?libs\/telemetry\/src\/logger.spec.ts/,
    );
  });

  it('drops lines below its level', () => {
    const { log, lines } = capture({ level: 'error' });
    log.info('nothing');
    expect(lines).toEqual([]);
  });

  it.each(['json', 'text'] as const)('lets no canary through as %s', (formatter) => {
    const { log, lines } = capture({ formatter, fields: { secret: 'canary' } });
    const error = new Error('fetch https://u:canary@host failed', {
      cause: { headers: { cookie: 'canary' } },
    });
    log.error({ err: error, headers: { authorization: 'Bearer canary.canary' } }, 'Basic canarycanary');
    log.error(error);
    log.error(error, 'with text');
    log
      .child({ token: 'canary', request: { password: 'canary' } })
      .info({ deep: { a: { token: 'canary' } } });
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toContain('canary');
    expect(lines[0]).toContain('[redacted]');
    expect(lines[1]).toContain('fetch https://[redacted]@host failed');
  });
});
