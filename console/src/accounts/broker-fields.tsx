import type { BrokerField } from "@mandate/client";
import { PasswordInput, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";

export type FieldValues = Record<string, string>;

/** What a broker asks for, secrets hidden as they are typed. */
export function BrokerFields({
  fields,
  form,
}: {
  fields: BrokerField[];
  form: UseFormReturnType<FieldValues>;
}) {
  return fields.map((field) => {
    const Input = field.secret ? PasswordInput : TextInput;
    return (
      <Input
        key={field.name}
        label={field.label}
        description={field.help || undefined}
        required={field.required}
        autoComplete="off"
        {...form.getInputProps(field.name)}
        value={form.values[field.name] ?? ""}
      />
    );
  });
}

/** What is needed and was left empty, by field. */
export function missing(fields: BrokerField[], values: FieldValues): FieldValues {
  const empty = fields.filter((field) => field.required && !values[field.name]?.trim());
  return Object.fromEntries(empty.map((field) => [field.name, `${field.label} is needed`]));
}

/** What was given, without what was left empty. */
export function given(names: readonly string[], values: FieldValues): FieldValues {
  const entries = names.map((name) => [name, values[name]?.trim() ?? ""] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}
