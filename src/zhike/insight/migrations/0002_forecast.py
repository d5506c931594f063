import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_initial'),
        ('insight', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='run',
            name='kind',
            field=models.CharField(choices=[('rfm', 'RFM'), ('tiers', 'Tiers'), ('value', 'Value to come'), ('churn', 'Churn')], max_length=12),
        ),
        migrations.CreateModel(
            name='Forecast',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.customer')),
                ('as_of', models.DateField()),
                ('purchases', models.DecimalField(decimal_places=1, max_digits=9)),
                ('value', models.DecimalField(decimal_places=0, max_digits=14)),
                ('low', models.DecimalField(decimal_places=0, max_digits=14)),
                ('high', models.DecimalField(decimal_places=0, max_digits=14)),
                ('alive', models.DecimalField(decimal_places=2, max_digits=3)),
                ('churn', models.DecimalField(decimal_places=2, max_digits=3)),
                ('level', models.CharField(choices=[('none', 'No warning'), ('watch', 'Watch'), ('warning', 'Warning'), ('critical', 'Critical')], max_length=10)),
                ('reasons', models.JSONField(default=list)),
            ],
            options={
                'indexes': [models.Index(fields=['-value', 'customer'], name='insight_forecast_value'), models.Index(fields=['level'], name='insight_forecast_level')],
            },
        ),
    ]
