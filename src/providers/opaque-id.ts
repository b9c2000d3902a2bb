import { z } from 'zod';

/** An id that only the provider understands: anything but what would change the meaning of a path. */
export const opaqueId = z
  .string()
  .refine((id) => id.trim() === id && id !== '' && id !== '.' && id !== '..' && !/\p{Cc}/u.test(id), {
    error: 'expected the id that the provider gave',
  })
  .refine((id) => Buffer.byteLength(id) <= 256 && id.isWellFormed(), { error: 'expected at most 256 bytes' });
