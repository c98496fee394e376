import { useNotices } from "@mandate/react";
import { AppShell, Burger, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useEffect } from "react";
import { useLocation } from "wouter";
import { Brand } from "./brand";
import { KillSwitchBanner } from "./kill-switch-banner";
import { KillSwitchButton } from "./kill-switch-button";
import { MarketLabel } from "./market-label";
import { Navigation } from "./navigation";
import { OfflineBanner } from "./offline-banner";
import classes from "./shell.module.css";
import { ThemeToggle } from "./theme-toggle";
import { UserMenu } from "./user-menu";

/** What stands around every screen. The kill switch and the label of the market are always in view. */
export function Shell({ children }: { children: ReactNode }) {
  const [open, { toggle, close }] = useDisclosure(false);
  const [path] = useLocation();
  useNotices();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path closes the menu
  useEffect(close, [path]);
  return (
    <AppShell
      header={{ height: { base: 92, sm: 60 } }}
      navbar={{ width: 244, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding={{ base: "sm", sm: "lg" }}
      classNames={{ header: classes.header, navbar: classes.navbar, main: classes.main }}
    >
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <AppShell.Header>
        <Group h={60} px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group wrap="nowrap" gap="sm">
            <Burger
              opened={open}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={open ? "Close the menu" : "Open the menu"}
              aria-expanded={open}
            />
            <Brand />
            <MarketLabel visibleFrom="sm" />
          </Group>
          <Group wrap="nowrap" gap={6}>
            <KillSwitchButton />
            <span className={classes.wide}>
              <ThemeToggle />
            </span>
            <UserMenu />
          </Group>
        </Group>
        <MarketLabel hiddenFrom="sm" strip />
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <OfflineBanner />
        <KillSwitchBanner />
        {children}
      </AppShell.Main>
    </AppShell>
  );
}
