import { VisuallyHidden } from "@mantine/core";
import { useEffect } from "react";
import { ChartPanel } from "../chart/chart-panel";
import { ChatPanel } from "../chat/chat-panel";
import { FirstSteps } from "./first-steps";
import classes from "./home.module.css";

/** The chat beside the chart it steers. */
export function HomePage() {
  useEffect(() => {
    document.title = "Home · Mandate";
  }, []);
  return (
    <div className={classes.page}>
      <VisuallyHidden>
        <h1>Home</h1>
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
