from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tiers", "0002_segments")]

    operations = [
        migrations.AddField(
            model_name="segment", name="snapshot", field=models.BigIntegerField(null=True),
        ),
    ]
