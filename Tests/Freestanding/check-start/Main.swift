import CheckSupport
@main enum Main { static func main() { finish() } }
