'On'
