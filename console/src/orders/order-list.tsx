import type { Order } from "@mandate/client";
import { useAccounts, useCancelOrder, useOrders } from "@mandate/react";
import { Button, Text } from "@mantine/core";
import { amount } from "../format/amount";
import { money } from "../format/money";
import { IconList } from "../parts/icons";
import { Loaded } from "../parts/loaded";
import { NoticeBox } from "../parts/notice-box";
import { Rows } from "../parts/rows";
import { StatusBadge } from "../parts/status-badge";
import { tell } from "../parts/tell";
import { WhenText } from "../parts/when-text";

const LIVE = new Set(["pending", "sent", "open", "partially_filled"]);

/** The newest orders and what became of them. */
export function OrderList() {
  const orders = useOrders();
  const accounts = useAccounts().data;
  const currency = (order: Order) =>
    accounts?.find((one) => one.account_id === order.account_id)?.currency ?? "USD";
  return (
    <Loaded
      query={orders}
      empty={
        <div className="surface">
          <NoticeBox icon={<IconList size={32} />} title="No orders yet">
            What you or your agents order is listed here.
          </NoticeBox>
        </div>
      }
    >
      {(items) => (
        <Rows
          label="Orders"
          rows={items}
          id={(order) => order.order_id}
          columns={[
            { name: "Time", cell: (order) => <WhenText at={order.created_at} /> },
            {
              name: "Order",
              cell: (order) => (
                <span>
                  {order.side === "sell" ? "Sell" : "Buy"} {amount(order.quantity)}{" "}
                  <strong>{order.symbol}</strong>
                  {order.limit_price ? ` at ${money(order.limit_price, currency(order))}` : ""}
                </span>
              ),
            },
            { name: "Filled", right: true, cell: (order) => amount(order.filled_quantity) },
            { name: "Price", right: true, cell: (order) => money(order.average_price, currency(order)) },
            { name: "By", cell: (order) => (order.mandate_id ? "an agent" : "you") },
            {
              name: "Status",
              cell: (order) => (
                <span>
                  <StatusBadge status={order.status} />
                  {order.message && (
                    <Text size="xs" c="dimmed" mt={2}>
                      {order.message}
                    </Text>
                  )}
                </span>
              ),
            },
            { name: "", cell: (order) => (LIVE.has(order.status) ? <Cancel order={order} /> : null) },
          ]}
        />
      )}
    </Loaded>
  );
}

function Cancel({ order }: { order: Order }) {
  const cancel = useCancelOrder();
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={cancel.isPending}
      aria-label={`Cancel the order for ${amount(order.quantity)} ${order.symbol}`}
      onClick={() => tell(() => cancel.mutateAsync(order.order_id), "Cancelled", "It was not cancelled")}
    >
      Cancel
    </Button>
  );
}
