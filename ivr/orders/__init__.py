"""Pure decisions on work orders: the promise to call a customer back."""
