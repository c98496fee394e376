import { useCandles, useQuote } from "@mandate/react";
import { Anchor, Box, Skeleton, VisuallyHidden } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";
import { money } from "../format/money";
import { Failure } from "../parts/failure";
import { IconChart } from "../parts/icons";
import { NoticeBox } from "../parts/notice-box";
import classes from "./chart.module.css";
import { ChartTable } from "./chart-table";
import { ChartToolbar } from "./chart-toolbar";
import { useChartView } from "./chart-view";
import { QuoteLine } from "./quote-line";
import { withQuote } from "./with-quote";

const ChartCanvas = lazy(() => import("./chart-canvas"));

/** The live chart that agents and people steer. */
export function ChartPanel() {
  const { view } = useChartView();
  const [asTable, setAsTable] = useState(false);
  const query = useCandles(view.symbol, view.timeframe);
  const quote = useQuote(view.symbol);
  const read = query.isPlaceholderData ? undefined : query.data?.candles;
  const candles = useMemo(() => withQuote(read ?? [], quote), [read, quote]);
  const intraday = view.timeframe !== "1d" && view.timeframe !== "1w";
  const caption = `${view.symbol}, candles of ${view.timeframe}`;
  return (
    <section className={`surface ${classes.panel}`} aria-label="Chart">
      <QuoteLine symbol={view.symbol} quote={quote} candles={candles} />
      <ChartToolbar asTable={asTable} onTable={() => setAsTable((now) => !now)} />
      <Box className={classes.canvas}>
        {query.error && !read ? (
          <Failure error={query.error} retry={query.refetch} />
        ) : read === undefined ? (
          <Skeleton h="100%" radius={0}>
            <VisuallyHidden role="status">Loading the chart</VisuallyHidden>
          </Skeleton>
        ) : candles.length === 0 ? (
          <NoticeBox icon={<IconChart size={32} />} title="No prices yet">
            {view.symbol} has no candles of {view.timeframe} so far.
          </NoticeBox>
        ) : asTable ? (
          <ChartTable candles={candles} caption={caption} intraday={intraday} />
        ) : (
          <Suspense fallback={<Skeleton h="100%" radius={0} />}>
            <ChartCanvas
              candles={candles}
              indicators={view.indicators}
              intraday={intraday}
              series={`${view.symbol} ${view.timeframe}`}
              label={`${caption}. Last price ${money(candles.at(-1)?.[4])}. The table view has the numbers.`}
            />
          </Suspense>
        )}
      </Box>
      <div className={classes.credit}>
        Charts by{" "}
        <Anchor
          href="https://www.tradingview.com/"
          target="_blank"
          rel="noreferrer"
          underline="always"
          inherit
        >
          TradingView
        </Anchor>{" "}
        Lightweight Charts™
      </div>
    </section>
  );
}
