-- A configuration is tried before it is stored. What was learnt of an account that then is not made goes away again.
grant delete on mintsoft_account_state to ledger_app;
