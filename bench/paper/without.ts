/** An object without some of its fields. */
export function without<T extends object, K extends keyof T>(given: T, ...fields: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !fields.includes(name as K))) as Omit<
    T,
    K
  >;
}
