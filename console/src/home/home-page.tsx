import { VisuallyHidden } from "@mantine/core";
import { useRef } from "react";
import { ChartPanel } from "../chart/chart-panel";
import { ChatPanel } from "../chat/chat-panel";
import { useArrival } from "../shell/use-arrival";
import { FirstSteps } from "./first-steps";
import classes from "./home.module.css";

/** The chat beside the chart it steers. */
export function HomePage() {
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival("Home", heading);
  return (
    <div className={classes.page}>
      <VisuallyHidden>
        <h1 ref={heading} tabIndex={-1}>
          Home
        </h1>
      </VisuallyHidden>
      <FirstSteps />
      <div className={classes.split}>
        <div className={classes.chart}>
          <ChartPanel />
        </div>
        <div className={classes.chat}>
          <ChatPanel />
        </div>
      </div>
    </div>
  );
}
