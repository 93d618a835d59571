import { z } from 'zod';

export const healthy = z
  .object({ status: z.literal('ok') })
  .meta({ id: 'Healthy', examples: [{ status: 'ok' }] });
