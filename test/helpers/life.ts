/** A process that may be killed: from then on nothing that it started ever comes back to it, and nothing new leaves it. */
export function lifeOf(calls: number): { readonly end: Promise<never>; bind<T extends object>(port: T): T } {
  let left = calls;
  let kill: (error: Error) => void = () => undefined;
  const end = new Promise<never>((_, reject) => { kill = reject; });
  end.catch(() => undefined);
  const never = new Promise<never>(() => undefined);
  const bind = <T extends object>(port: T): T => new Proxy(port, {
    get: (from, name) => {
      const method = Reflect.get(from, name) as unknown;
      if (typeof method === 'object' && method !== null && name === 'links') return bind(method);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        if (left-- <= 0) {
          kill(new Error('killed'));
          return never;
        }
        const result = await (method.apply(from, args) as Promise<unknown>);
        return left < 0 ? never : result;
      };
    },
  });
  return { end, bind };
}
