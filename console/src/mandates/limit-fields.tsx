import { NumberInput, SimpleGrid, Slider, Switch, Text, TextInput, Title } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { Draft } from "./terms";

/** How much, when to ask, and until when. */
export function LimitFields({ form, currency }: { form: UseFormReturnType<Draft>; currency: string }) {
  const money = {
    min: 0,
    decimalScale: 2,
    thousandSeparator: " ",
    suffix: ` ${currency}`,
    hideControls: true,
  };
  const field = (name: keyof Draft) => ({ "data-field": name, ...form.getInputProps(name) });
  return (
    <section className="surface" style={{ padding: 20 }} aria-labelledby="limits">
      <Title order={2} size="h4" id="limits" mb="md">
        How much
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        <NumberInput label="Largest order" required {...money} {...field("max_order_value")} />
        <NumberInput label="All orders of a day" required {...money} {...field("max_daily_value")} />
        <NumberInput
          label="Orders in a day"
          required
          min={1}
          allowDecimal={false}
          {...field("max_daily_orders")}
        />
        <NumberInput
          label="Ask me above"
          description="Larger orders wait for your yes. Empty: never ask."
          {...money}
          {...field("approval_above")}
        />
        <NumberInput
          label="Largest position"
          description="Optional: per instrument"
          {...money}
          {...field("max_position_value")}
        />
        <NumberInput
          label="Largest loss in a day"
          description="Optional: then it stops"
          {...money}
          {...field("max_daily_loss")}
        />
        <div>
          <Text size="sm" fw={500} id="confidence">
            How sure the agent has to be: {Math.round(form.values.min_confidence * 100)} %
          </Text>
          <Slider
            mt={6}
            min={0}
            max={1}
            step={0.05}
            label={null}
            thumbProps={{ "aria-labelledby": "confidence" }}
            {...form.getInputProps("min_confidence")}
          />
        </div>
        <TextInput
          label="Ends on"
          description="Optional: the last day on which it holds"
          type="date"
          {...field("expires_on")}
        />
        <Switch
          label="Dry run"
          description="Record what it would do, send nothing"
          {...form.getInputProps("dry_run", { type: "checkbox" })}
        />
      </SimpleGrid>
    </section>
  );
}
