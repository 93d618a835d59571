import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Only what the serializer needs to know: types, members, and which of them are there. */
const KEPT = new Set([
  'type',
  'properties',
  'required',
  'items',
  'additionalProperties',
  'anyOf',
  'nullable',
]);

/**
 * The schema by which an answer is written. The serializer emits declared members only, so that a value that is not in
 * the schema, such as a secret, cannot leave.
 */
export function serializerSchema(schema: z.ZodType): JsonSchema {
  const nothingNamed = z.registry<Record<string, never>>();
  return simplified(z.toJSONSchema(schema, { io: 'output', metadata: nothingNamed as never })) as JsonSchema;
}

function simplified(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(simplified);
  if (typeof node !== 'object' || node === null) return node;
  const source = node as Record<string, unknown>;
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(source)) {
    if (key === 'properties') kept[key] = eachMember(value as Record<string, unknown>);
    else if (KEPT.has(key)) kept[key] = simplified(value);
  }
  return withoutChoice(kept);
}

function eachMember(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, simplified(schema)]));
}

/** `X or null` as a nullable X: a choice would be decided by validating, which is slow and refuses instead of filtering. */
function withoutChoice(schema: Record<string, unknown>): Record<string, unknown> {
  const choices = schema.anyOf as Record<string, unknown>[] | undefined;
  if (!choices) return schema;
  const real = choices.filter((choice) => choice.type !== 'null');
  const { anyOf: _, ...rest } = schema;
  if (real.length === 1) return { ...rest, ...real[0], nullable: true };
  if (real.some((choice) => choice.type === 'object' || choice.type === 'array')) return schema;
  // A number or a word: any scalar is written as it is.
  return rest;
}
