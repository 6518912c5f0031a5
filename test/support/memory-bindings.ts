import type { Wallclock } from '../../src/base/units.ts';
import type { Binding, StateStore } from '../../src/state/state-store.ts';

/** The part of a state store that knows where phones are. */
export class MemoryBindings implements Pick<
  StateStore,
  'putBinding' | 'removeBinding' | 'bindings'
> {
  #bindings: { readonly subscriber: string; readonly binding: Binding }[] = [];

  async putBinding(subscriber: string, binding: Binding): Promise<void> {
    await this.removeBinding(subscriber, binding.contact);
    this.#bindings.unshift({ subscriber, binding });
  }

  async removeBinding(subscriber: string, contact: string): Promise<void> {
    this.#bindings = this.#bindings.filter(
      (known) => known.subscriber !== subscriber || known.binding.contact !== contact,
    );
  }

  async bindings(subscriber: string, now: Wallclock): Promise<readonly Binding[]> {
    return this.#bindings
      .filter((known) => known.subscriber === subscriber && known.binding.expiresAt > now)
      .map(({ binding }) => binding);
  }
}
