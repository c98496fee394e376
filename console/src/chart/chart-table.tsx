import type { Candle } from "@mandate/client";
import { ScrollArea, Table } from "@mantine/core";
import { money } from "../format/money";

/** The newest candles as numbers: the chart for those who do not see it. */
export function ChartTable({
  candles,
  caption,
  intraday,
}: {
  candles: readonly Candle[];
  caption: string;
  intraday: boolean;
}) {
  const day = new Intl.DateTimeFormat(undefined, {
    dateStyle: "medium",
    ...(intraday && { timeStyle: "short" }),
    timeZone: "UTC",
  });
  return (
    <ScrollArea h="100%" viewportProps={{ tabIndex: 0, role: "region", "aria-label": caption }}>
      <Table stickyHeader className="numbers">
        <Table.Caption>{caption}, newest first</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {["Time", "Open", "High", "Low", "Close"].map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {candles
            .slice(-60)
            .reverse()
            .map(([time, open, high, low, close]) => (
              <Table.Tr key={time}>
                <Table.Th scope="row" fw={400}>
                  {day.format(new Date(time * 1000))}
                </Table.Th>
                {[open, high, low, close].map((value, at) => (
                  <Table.Td key={at}>{money(value)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
