from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0002_recognising"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="added",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="batch",
            name="changed",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="chunk",
            name="added",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="chunk",
            name="changed",
            field=models.IntegerField(null=True),
        ),
    ]
