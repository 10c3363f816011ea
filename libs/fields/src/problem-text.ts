import type { z } from 'zod';

/** Whether the key is needed and not there. */
export function isMissing({ code, message }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && message.endsWith('received undefined');
}

/** What is wrong with a key, in words that hold no value. Keys that are not known are their reader's business. */
export function complaintOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  return isMissing(issue) ? 'is required' : mustBe(issue.expected);
}

function mustBe(expected: string): string {
  if (expected === 'object' || expected === 'record') return 'must be a section of keys';
  return expected === 'array' ? 'must be a list' : 'must be a single value';
}
