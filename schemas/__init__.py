"""What flows through newsbeam and how it is stored: records, Avro schemas, codec."""
