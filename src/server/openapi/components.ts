import { z } from 'zod';
import type { JsonSchema } from '../jsonSchema.ts';

/** Collects named schemas into the document's components, and points to them. */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  /** The schema for use in the document: a reference where it has a name. */
  refer(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io }) as Record<string, unknown>;
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, JsonSchema>)) {
      this.schemas[name] ??= rebased(definition) as JsonSchema;
    }
    return rebased(own) as JsonSchema;
  }
}

function rebased(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(rebased);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !isNoise(key, value))
      .map(([key, value]) => [key, key === '$ref' ? refOf(String(value)) : rebased(value)]),
  );
}

const refOf = (ref: string): string => ref.replace('#/$defs/', '#/components/schemas/');

/** Bounds of JavaScript's own, not of ours. */
function isNoise(key: string, value: unknown): boolean {
  return (key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}

/** The first example of a schema; undefined: it has none. */
export function exampleOf(schema: z.ZodType): unknown {
  const { examples } = (schema.meta() ?? {}) as { examples?: readonly unknown[] };
  return examples?.[0];
}
