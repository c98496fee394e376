import { useMe, useSession } from "@mandate/react";
import { ActionIcon, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link, useLocation } from "wouter";
import { IconDevices, IconExit, IconSettings, IconUser } from "../parts/icons";
import { plainWords } from "../parts/plain-words";

/** Who is signed in, and the way out. */
export function UserMenu() {
  const me = useMe();
  const { logout } = useSession();
  const [, navigate] = useLocation();
  const name = me.data?.name ?? "";
  const leave = async () => {
    try {
      await logout();
      sessionStorage.clear();
      navigate("/login");
    } catch (error) {
      notifications.show({ color: "red", title: "You are still signed in", message: plainWords(error) });
    }
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={38} radius="xl" aria-label="Your account">
          <IconUser size={22} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name}
          <br />
          {me.data?.email}
        </Menu.Label>
        <Menu.Item component={Link} href="/settings" leftSection={<IconSettings size={16} />}>
          Settings
        </Menu.Item>
        <Menu.Item component={Link} href="/sessions" leftSection={<IconDevices size={16} />}>
          Where you are signed in
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconExit size={16} />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
