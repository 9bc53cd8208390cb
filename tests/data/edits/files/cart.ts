import { Item, Price } from "./types";

export interface Line {
  item: Item;
  count: number;
}

export class Cart {
  private lines: Line[] = [];

  add(item: Item, count = 1): void {
    const line = this.lines.find((each) => each.item.id === item.id);
    if (line) {
      line.count += count;
    } else {
      this.lines.push({ item, count });
    }
  }

  remove(item: Item): void {
    this.lines = this.lines.filter((each) => each.item.id !== item.id);
  }

  total(): Price {
    let sum = 0;
    for (const line of this.lines) {
      sum += line.item.price * line.count;
    }
    return { amount: sum, currency: "EUR" };
  }

  discount(rate: number): Price {
    let sum = 0;
    for (const line of this.lines) {
      sum += line.item.price * line.count;
    }
    return { amount: sum * (1 - rate), currency: "EUR" };
  }
}

export function describe(cart: Cart): string {
  const price = cart.total();
  return `Total: ${price.amount} ${price.currency}\n`;
}
