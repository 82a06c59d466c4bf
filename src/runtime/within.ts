/** What the work answers, unless the signal comes first: then a `Timeout`, and the work goes on unwatched, because it may ignore the signal. */
export async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(Object.assign(new Error('the time is over'), { name: 'Timeout' })), { once: true });
    work.then(resolve, reject);
  });
}
