import type { Timeframe } from "@mandate/client";
import { useSymbols } from "@mandate/react";
import { ActionIcon, CloseButton, Group, Menu, Select, Tooltip } from "@mantine/core";
import { IconChart, IconPlus, IconTable } from "../parts/icons";
import classes from "./chart.module.css";
import { useChartView } from "./chart-view";
import { type Indicator, type IndicatorKind, nameOf } from "./indicators/types";
import { sameIndicator, TIMEFRAMES } from "./view";

const OFFERED: Indicator[] = [
  { kind: "SMA", period: 20 },
  { kind: "SMA", period: 50 },
  { kind: "EMA", period: 20 },
  { kind: "WMA", period: 20 },
  { kind: "BB", period: 20 },
  { kind: "RSI", period: 14 },
  { kind: "MACD", period: 0 },
  { kind: "VOLUME", period: 0 },
];
const NAMES: Record<IndicatorKind, string> = {
  SMA: "Simple average",
  EMA: "Exponential average",
  WMA: "Weighted average",
  BB: "Bollinger bands",
  RSI: "Relative strength",
  MACD: "MACD 12 26 9",
  VOLUME: "Volume",
};

/** Symbol, timeframe, indicators: what an agent's commands change, by hand. */
export function ChartToolbar({ asTable, onTable }: { asTable: boolean; onTable: () => void }) {
  const { view, setView } = useChartView();
  const symbols = useSymbols().data?.map((one) => one.symbol) ?? [view.symbol];
  const other = asTable ? "Show the chart" : "Show the numbers as a table";
  return (
    <Group gap={6} className={classes.toolbar}>
      <Select
        aria-label="Symbol"
        data={symbols.includes(view.symbol) ? symbols : [view.symbol, ...symbols]}
        value={view.symbol}
        onChange={(symbol) => symbol && setView((now) => ({ ...now, symbol }))}
        allowDeselect={false}
        w={96}
        size="xs"
      />
      <Select
        aria-label="Timeframe"
        data={[...TIMEFRAMES]}
        value={view.timeframe}
        onChange={(timeframe) =>
          timeframe && setView((now) => ({ ...now, timeframe: timeframe as Timeframe }))
        }
        allowDeselect={false}
        w={76}
        size="xs"
      />
      {view.indicators.map((one) => (
        <span key={`${one.kind}${one.period}`} className={classes.indicator}>
          {nameOf(one)}
          <CloseButton
            size="xs"
            aria-label={`Remove ${nameOf(one)}`}
            onClick={() =>
              setView((now) => ({
                ...now,
                indicators: now.indicators.filter((each) => !sameIndicator(each, one)),
              }))
            }
          />
        </span>
      ))}
      <Menu position="bottom-start">
        <Menu.Target>
          <ActionIcon variant="default" size="md" aria-label="Add an indicator">
            <IconPlus size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {OFFERED.filter((one) => !view.indicators.some((each) => sameIndicator(each, one))).map((one) => (
            <Menu.Item
              key={`${one.kind}${one.period}`}
              onClick={() => setView((now) => ({ ...now, indicators: [...now.indicators, one] }))}
            >
              {NAMES[one.kind]} {one.period > 0 ? one.period : ""}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={other}>
        <ActionIcon variant="subtle" color="gray" size="md" ml="auto" aria-label={other} onClick={onTable}>
          {asTable ? <IconChart size={18} /> : <IconTable size={18} />}
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
