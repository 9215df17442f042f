"""What others see: charts, bulletins, exports."""
