from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='problem',
            name='content',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='problem',
            name='identity',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='problem',
            name='repeats',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='batch',
            name='open_held',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='problem',
            index=models.Index(fields=['content'], name='intake_problem_content'),
        ),
        migrations.AddIndex(
            model_name='problem',
            index=models.Index(condition=models.Q(('state__in', ['held', 'refused'])), fields=['identity'], name='intake_problem_identity'),
        ),
        migrations.RunSQL('UPDATE intake_batch SET open_held = held', migrations.RunSQL.noop),
    ]
