import { Tabs } from "@mantine/core";
import { Page } from "../shell/page";
import { OrderList } from "./order-list";
import { PositionList } from "./position-list";

/** What was ordered, and what is held. */
export default function OrdersPage() {
  return (
    <Page title="Orders and positions" lead="Everything that was sent for you, by you or by an agent.">
      <Tabs defaultValue="positions" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="positions">Positions</Tabs.Tab>
          <Tabs.Tab value="orders">Orders</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="positions">
          <PositionList />
        </Tabs.Panel>
        <Tabs.Panel value="orders">
          <OrderList />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
