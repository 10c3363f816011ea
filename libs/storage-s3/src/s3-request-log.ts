import type { S3Client } from '@aws-sdk/client-s3';

/**
 * Logs one line on standard error for each request: the operation, the result, and the time. Headers and URLs are left out: they contain signatures.
 */
export function logRequests(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const began = performance.now();
      const tell = (outcome: unknown): void => {
        const milliseconds = Math.round(performance.now() - began);
        process.stderr.write(
          `${JSON.stringify({ driver: 's3', request: context.commandName, outcome, milliseconds })}\n`,
        );
      };
      try {
        const answer = await next(args);
        tell('ok');
        return answer;
      } catch (error) {
        tell(error instanceof Error ? error.name : 'failed');
        throw error;
      }
    },
    { step: 'initialize', name: 'logRequests' },
  );
}
