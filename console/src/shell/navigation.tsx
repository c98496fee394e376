import { useApprovals } from "@mandate/react";
import { Badge, NavLink } from "@mantine/core";
import { Link, useRoute } from "wouter";
import {
  IconCheck,
  IconDevices,
  IconHome,
  IconList,
  IconScroll,
  IconSettings,
  IconShield,
  IconWallet,
} from "../parts/icons";

const PLACES = [
  { href: "/", label: "Home", icon: IconHome, match: "/" },
  { href: "/approvals", label: "Approvals", icon: IconCheck, match: "/approvals" },
  { href: "/mandates", label: "Mandates", icon: IconShield, match: "/mandates/*?" },
  { href: "/orders", label: "Orders and positions", icon: IconList, match: "/orders" },
  { href: "/accounts", label: "Trading accounts", icon: IconWallet, match: "/accounts" },
  { href: "/audit", label: "Audit log", icon: IconScroll, match: "/audit" },
  { href: "/sessions", label: "Where you are signed in", icon: IconDevices, match: "/sessions" },
  { href: "/settings", label: "Settings", icon: IconSettings, match: "/settings" },
];

/** The console's places. */
export function Navigation() {
  const waiting = useApprovals().data?.length ?? 0;
  return (
    <nav aria-label="Main">
      {PLACES.map((place) => (
        <Place key={place.href} {...place} count={place.href === "/approvals" ? waiting : 0} />
      ))}
    </nav>
  );
}

function Place({ href, label, icon: Icon, match, count }: (typeof PLACES)[number] & { count: number }) {
  const [here] = useRoute(match);
  return (
    <NavLink
      component={Link}
      href={href}
      label={label}
      active={here}
      aria-current={here ? "page" : undefined}
      leftSection={<Icon />}
      rightSection={
        count > 0 ? (
          <Badge color="red" variant="filled" aria-label={`${count} waiting`}>
            {count}
          </Badge>
        ) : undefined
      }
      styles={{ root: { borderRadius: 10, marginBottom: 2 } }}
    />
  );
}
