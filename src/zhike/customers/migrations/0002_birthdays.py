"""Birthdays are looked up by month and day on every workbench: an index on the end of the date."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX customers_birthday ON customers_customer (right(values ->> 'birth_date', 5))",
            "DROP INDEX customers_birthday",
        )
    ]
