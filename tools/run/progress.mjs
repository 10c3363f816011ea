/** Shows progress: in one line of a terminal, or in occasional lines of a log. */
export function showProgress(what, total, count) {
  const isTerminal = process.stdout.isTTY;
  const began = performance.now();
  const line = () => {
    const seconds = Math.round((performance.now() - began) / 1000);
    return `longshore: ${count()} of ${total} ${what} (${seconds} s)`;
  };
  const timer = setInterval(
    () => process.stdout.write(isTerminal ? `\r${line()}` : `${line()}\n`),
    isTerminal ? 500 : 10_000,
  );
  return {
    end() {
      clearInterval(timer);
      if (isTerminal) process.stdout.write('\r\x1b[K');
    },
  };
}
