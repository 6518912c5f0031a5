import { parseStarCodes, type StarCodes } from './incall/star-codes.ts';
import type { Setting } from './setting.ts';

/** Settings of phones without a keyboard. */
export interface KeyConfig {
  readonly starCodes: StarCodes | 'off';
}

export const KEY_SETTINGS: { readonly [Key in keyof KeyConfig]: Setting<KeyConfig[Key]> } = {
  starCodes: {
    name: 'MIDCALL_STAR_CODES',
    default: 'off',
    about:
      'What keys say: `store=*1,send=*2,play=*3,cancel=*0,list=*5`, or some of these; no code begins another. `off`: keys are left alone.',
    parse: (value) => (value === 'off' ? value : parseStarCodes(value)),
  },
};
