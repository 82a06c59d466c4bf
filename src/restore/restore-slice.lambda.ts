export async function handler(): Promise<never> {
  throw new Error('this handler is not written yet');
}
