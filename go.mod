module stoke

go 1.26
