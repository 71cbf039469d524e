"""The steps that bring an older store up to this code's tables; run by alembic at opening."""
